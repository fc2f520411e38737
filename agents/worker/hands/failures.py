"""What can go wrong between the agent and its supervisors; one root class."""


class HandsFailure(Exception):
    """Something about the processes of jobs failed."""


class SupervisorsMissing(HandsFailure):
    """Keeper or supervisors did not report in time."""


class AttemptMisnamed(HandsFailure):
    """An attempt id is not fit for a file name."""
