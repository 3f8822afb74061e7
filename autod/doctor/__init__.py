"""What is wrong with a set-up, why it matters and what to do: for people who cannot get it to run."""

from autod.doctor.diagnosis import Diagnosis, diagnose
from autod.doctor.finding import Finding

__all__ = ["Diagnosis", "Finding", "diagnose"]
