"""Automated metrics: arrays in, values out.

`image` prepares one image; `contrast`, `sharpness`, `noise_exposure`, `exposure` and the files of
artifacts hold one function per metric; `table` lists them (METRICS), `compute` runs a list of them
on one image, `volumes` on the axial slices of a volume. Formulas, sources and decisions:
docs/methods/metrics.md.
"""
