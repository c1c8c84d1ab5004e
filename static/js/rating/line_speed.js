/* How fast the server answered while this page came, before anything else is known of the line. */

/**
 * The shortest wait for an answer from the network, in milliseconds; what came from the browser's
 * cache tells nothing. Infinity where nothing is known.
 */
export function shortestAnswer(timings = timingsOfPage()) {
  const waits = timings
    .filter(({ transferSize, requestStart }) => transferSize > 0 && requestStart > 0)
    .map(({ requestStart, responseStart }) => responseStart - requestStart)
    .filter((wait) => wait > 0);
  return Math.min(Infinity, ...waits);
}

function timingsOfPage() {
  return [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
}
