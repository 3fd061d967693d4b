"""Two pictures of a running SOP, told as what changed."""

from app.services.operations_told import picture_changes


def test_timers_are_told_in_the_order_in_which_they_ring():
    def timers(*hours):
        return {"timer": [[f"t{n}", "kerjakan", f"2026-07-07T{hour:02}:00:00Z"] for n, hour in hours]}

    before, after = timers((100, 12), (50, 9), (80, 10)), timers((100, 18), (50, 13), (80, 15))
    said = list(picture_changes(before, after, name=str, labels={}, people={}))
    assert [one.label for one in said] == [f"Pewaktu “t{n}, kerjakan”" for n in (50, 80, 100)]
    assert [(one.before.hour, one.after.hour) for one in said] == [(9, 13), (10, 15), (12, 18)]
