"""What leaves the house: worklists, the auditors' report and the signed manifest, whole or not at all.

``publish`` builds the folder of a date; ``verify`` says whether it still is what was published, and
``verify_ledger_of`` whether the store's ledger is whole and tells of it. ``report_again`` has a day's report from
the store, ``month_report`` a month on one page.
"""

from pipelines.publish.again import month_report, report_again
from pipelines.publish.ledger_check import erased_files, verify_ledger_of
from pipelines.publish.stage import publish
from pipelines.publish.verification import verify

__all__ = ["erased_files", "month_report", "publish", "report_again", "verify", "verify_ledger_of"]
