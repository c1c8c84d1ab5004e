"""Automated metrics: arrays in, values out.

`image` prepares one image, `masks` the mask of a whole item; `contrast`, `sharpness`,
`noise_exposure`, `exposure` and the files of artifacts and masks hold one function per metric;
`table` lists them (METRICS), `compute` runs a list of them on one image or mask, `volumes` on the
axial slices of a volume. Formulas, sources and decisions: docs/methods/metrics.md.
"""
