/* What goes into the queue when an item is submitted. */

import { assignmentPath } from "./api.js";

/** The entry for the item on screen with its `scores`; `time` is what its clock says. */
export function ratingEntry({ current, comment, viewer, reading, clarifications }, scores, time) {
  const { assignment, replaces, follows } = current;
  const { conditions, ...awaited } = reading.forSubmission();
  return {
    kind: "rating",
    token: assignment.token,
    path: `${assignmentPath(assignment.token)}ratings/`,
    number: assignment.counter?.number,
    follows,
    ...awaited,
    body: {
      replaces,
      scores,
      comment: comment.value.trim(),
      active_ms: time.active,
      wall_ms: time.wall,
      waiting_ms: time.waiting,
      viewer_state: viewer.state(),
      // The one in which criteria and image were read, whatever the page is in when this is sent
      language: document.documentElement.lang,
      submitted_at: new Date().toISOString(),
      clarification_seen: clarifications.seen,
      conditions,
    },
  };
}
