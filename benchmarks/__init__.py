"""One script per thing measured: ``python -m benchmarks.NAME``, and ``--record`` to keep the figures in RESULTS.md."""
