"""One Terraform root in one environment: how it is started, where its state lies. Knows no resource."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from insightshare.errors import PlatformError

REPOSITORY = Path(__file__).resolve().parent.parent
# The local AWS answers at once, so waiting is all that a resource costs.
PARALLELISM = "-parallelism=30"
Plan = Mapping[str, Any]
"""A plan as `terraform show -json` says it."""


@dataclass(frozen=True)
class Root:
    """A folder of infra/ with its variables, its state and the identity that applies it."""

    name: str
    folder: Path
    environment: str
    state_bucket: str
    state_key: str
    region: str
    variables: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    """Environment variables beside the caller's own: whose credentials, which endpoint."""

    @property
    def data(self) -> Path:
        return REPOSITORY / ".local" / "terraform" / self.environment / self.name

    @property
    def log(self) -> Path:
        return self.data / "terraform.log"

    def init(self) -> None:
        """Join the root to its state, unless nothing that decides about that has changed since the last time."""
        backend = {"bucket": self.state_bucket, "key": self.state_key, "region": self.region}
        if "AWS_ENDPOINT_URL" in {**os.environ, **self.settings}:
            backend["use_path_style"] = "true"
        stamp, done = self.data / "initialised", self._fingerprint(backend)
        if stamp.is_file() and stamp.read_text() == done:
            return
        settings = (f"-backend-config={name}={value}" for name, value in backend.items())
        self._terraform(["init", "-input=false", "-reconfigure", *settings])
        stamp.write_text(done)

    def apply(self, look: Callable[[Plan], None] | None = None) -> str:
        """Apply the root; return Terraform's closing line. `look` sees the plan that is then applied, and may raise."""
        if look is None:
            return _closing(self._terraform(["apply", "-auto-approve", PARALLELISM, *self._arguments()]))
        with self._saved_plan() as file:
            look(self._shown(file))
            return _closing(self._terraform(["apply", PARALLELISM, "-input=false", "-no-color", str(file)]))

    def destroy(self) -> str:
        """Destroy everything in the root; return Terraform's closing line."""
        return _closing(self._terraform(["destroy", "-auto-approve", PARALLELISM, *self._arguments()]))

    def is_settled(self) -> bool:
        """Whether an apply would change nothing; not where a plan fails, so that apply says why."""
        return (
            self._terraform(["plan", "-detailed-exitcode", "-lock=false", *self._arguments()], (0, 1, 2)).returncode
            == 0
        )

    def plan(self, look: Callable[[Plan], None] | None = None) -> None:
        """Print what apply would change, and let `look` see it."""
        with self._saved_plan() as file:
            subprocess.run(self._command(["show", "-no-color", str(file)]), env=self._environ(), check=True)
            if look:
                look(self._shown(file))

    def forget(self, *addresses: str) -> None:
        """Take these, with all in them, out of the state; what they stand for is left alone."""
        self._terraform(["state", "rm", *addresses])

    @contextmanager
    def _saved_plan(self) -> Iterator[Path]:
        """A plan as a file that goes with the block: it holds every variable in clear."""
        self.data.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.data) as folder:
            file = Path(folder) / "plan"
            # Without the lock: Terraform refuses to apply a plan once the state has moved on.
            self._terraform(["plan", "-lock=false", PARALLELISM, f"-out={file}", *self._arguments()])
            yield file

    def _shown(self, file: Path) -> Plan:
        lines = self._terraform(["show", "-json", str(file)]).stdout.splitlines()
        plan: Plan = json.loads(next(line for line in lines if line.startswith("{")))  # warnings may precede
        return plan

    def _arguments(self) -> list[str]:
        settings = self.folder / f"{self.environment}.tfvars"
        files = [f"-var-file={settings}"] if settings.is_file() else []
        return [
            "-input=false",
            "-no-color",
            *files,
            *(f"-var={name}={value}" for name, value in self.variables.items()),
        ]

    def _terraform(self, words: list[str], accepted: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        self.data.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            self._command(words),
            env=self._environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.log.write_text(done.stdout)
        if done.returncode not in accepted:
            said = " ".join(line.strip(" │╵╷") for line in done.stdout.splitlines() if "Error:" in line)
            fix = f"read {self.log}, mend it, deploy again"
            raise PlatformError.at(f"{self.folder}", f"terraform {words[0]}", f"[{said[:1000]}]", "a success", fix)
        return done

    def _command(self, words: list[str]) -> list[str]:
        return [str(REPOSITORY / "scripts" / "terraform"), f"-chdir={self.folder}", *words]

    def _environ(self) -> dict[str, str]:
        return {**os.environ, **self.settings, "TF_DATA_DIR": str(self.data), "TF_IN_AUTOMATION": "1"}

    def _fingerprint(self, backend: Mapping[str, str]) -> str:
        digest = hashlib.sha256(repr(sorted(backend.items())).encode())
        for path in sorted([*self.folder.glob("*.tf"), *REPOSITORY.glob("infra/modules/*/versions.tf")]):
            digest.update(path.read_bytes())
        return digest.hexdigest()


def _closing(done: subprocess.CompletedProcess[str]) -> str:
    """Terraform's closing line."""
    said = reversed(done.stdout.splitlines())
    return next((line for line in said if line.startswith(("Apply complete", "Destroy complete"))), "")
