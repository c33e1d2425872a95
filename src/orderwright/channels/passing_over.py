"""Passing over: lines of an import that were refused, and are to stay so.  They are kept, and nobody is asked again."""

from orderwright.kernel import clock, sql


def pass_over(run_id: int, reason: str) -> int:
    """Leave it at that the lines of an import were refused for this reason; answers how many."""
    return sql.run(PASS_OVER, [clock.now(), run_id, reason])


PASS_OVER = """
    UPDATE inbound SET passed_over_at = %s::timestamptz
     WHERE run_id = %s::bigint AND reason = %s::text AND outcome = 'refused' AND passed_over_at IS NULL
"""
