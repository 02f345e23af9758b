"""Clean JSON lines or Parquet with Spark, and write them as the same.

    python examples/spark_clean.py dump/ -o clean/ --master "local[2]"
    spark-submit examples/spark_clean.py s3a://bucket/dump/ -o s3a://bucket/clean/ --format parquet

Spark workers need Python with `cleaner-news[spark]`: PYSPARK_PYTHON names it.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from cleaner.adapters.order import Order
from cleaner.adapters.spark import clean_batches, cleaned_schema
from cleaner.errors import CleanerError

SCHEMA = "id string, url string, source string, lang string, title string, text string, crawled string"


def main() -> None:
    """Read the command line, clean, and say what became of the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--master", help="such as local[2]; else what spark-submit says")
    parser.add_argument("--format", choices=["json", "parquet"], default="json")
    parser.add_argument("--schema", default=SCHEMA, help="of JSON lines; a field that it does not name is not read")
    parser.add_argument("--rules", help="a file that `cleaner rules compile` wrote; its bytes go to all workers")
    given = parser.parse_args()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("cleaner")
    spark = (builder.master(given.master) if given.master else builder).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    reader = spark.read.schema(given.schema) if given.format == "json" else spark.read
    frame = reader.format(given.format).load(given.input)
    try:
        order = Order.of(Path(given.rules).read_bytes() if given.rules else None)
        cleaned = frame.mapInArrow(clean_batches(order), cleaned_schema(frame.schema, order))
    except CleanerError as error:
        sys.exit(f"spark_clean: {error}")
    cleaned.write.format(given.format).save(given.output)
    written = spark.read.format(given.format).load(given.output)
    for row in written.groupBy("cleaning.status").count().orderBy("status").collect():
        print(row["status"], row["count"])
    spark.stop()


if __name__ == "__main__":
    main()
