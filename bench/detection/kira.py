"""KIRA's isolation forest, timed: a fresh IsolationForest(contamination=.08) on the last 30 readings of 5 metrics.

Prints "ready VERSION", then for every line read the milliseconds of the processor that so many readings
took, as many as the line says: what else the machine does must not count.
"""
import sys
import time

import numpy
import sklearn
from sklearn.ensemble import IsolationForest

random = numpy.random.default_rng(1)
windows = random.normal(size=(64, 30, 5))
print("ready", sklearn.__version__, flush=True)
for line in sys.stdin:
    readings = int(line)
    start = time.process_time()
    for reading in range(readings):
        window = windows[reading % len(windows)]
        forest = IsolationForest(contamination=0.08, random_state=42).fit(window)
        newest = window[-1:]
        forest.predict(newest), forest.decision_function(newest)
    print((time.process_time() - start) * 1000, flush=True)
