#!/usr/bin/python3
"""Measures the figures of docs and issues as ratios within one run, prints them as a table, and keeps it in RESULTS.md.

Each ratio is the median over several rounds in which both sides are measured in turn (A B A B ...), because the machine
may be shared and its speed drifts. Usage: bench/run.py BUILD_DIR [--quick] [--only NAME] [--write]
"""

import argparse
import sys
import tempfile

import api_figures
import s3_figures
import store_figures
from harness import Bench, write_results

FIGURES = {f.__name__: f for f in (store_figures.puts, store_figures.gets, store_figures.overwrites, store_figures.restores,
                                   api_figures.batches, api_figures.pages, api_figures.indexes, api_figures.streams,
                                   api_figures.exports, s3_figures.downloads, s3_figures.uploads, s3_figures.listings,
                                   s3_figures.large_objects, s3_figures.against_radosgw)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--quick", action="store_true", help="smaller and shorter, to see that everything runs")
    parser.add_argument("--only", nargs="+", choices=FIGURES, default=list(FIGURES), help="these alone")
    parser.add_argument("--write", action="store_true", help="keep the table in bench/RESULTS.md")
    words = parser.parse_args()
    bench = Bench(words.build, words.quick)
    with tempfile.TemporaryDirectory(dir=words.build) as scratch:
        for name in words.only:
            FIGURES[name](bench, scratch)
    if words.write:
        write_results(bench.rows)
    sys.exit(0 if all(row[4] for row in bench.rows) else 1)


if __name__ == "__main__":
    main()
