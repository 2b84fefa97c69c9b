"""dlt's `sql_database`, as its documentation begins: tables become files of JSON lines in a directory.

Run in a virtual environment of its own: `python copying.py URL DIRECTORY TABLE...`; prints how many rows were copied.
"""

import sys
from importlib import import_module


def main() -> None:
    """Copy."""
    url, directory, *tables = sys.argv[1:]
    dlt = import_module("dlt")
    source = import_module("dlt.sources.sql_database").sql_database(url, table_names=tables)
    files = dlt.destinations.filesystem(bucket_url=f"file://{directory}/files")
    pipeline = dlt.pipeline("shop", destination=files, dataset_name="shop", pipelines_dir=f"{directory}/work")
    pipeline.run(source, loader_file_format="jsonl")
    copied = pipeline.last_trace.last_normalize_info.row_counts
    print(sum(copied.get(table, 0) for table in tables))


if __name__ == "__main__":
    main()
