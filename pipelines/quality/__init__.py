"""Gates that a run must pass, the account that no record is lost, and the Data Docs that show both.

``gate`` asks one table; ``Gates`` does so in a process of its own while other stages work; ``collect`` puts
the results together; ``docs`` builds the pages; ``account`` counts where every row went.
"""

from pipelines.quality.account import account
from pipelines.quality.docs import docs
from pipelines.quality.gate import gate
from pipelines.quality.gates import Gates, collect
from pipelines.quality.schemas import ACCOUNT, GATES

__all__ = ["ACCOUNT", "GATES", "Gates", "account", "collect", "docs", "gate"]
