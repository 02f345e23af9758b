"""Clean inside engines that spread work over machines: datatrove and Spark. Each needs its extra."""
