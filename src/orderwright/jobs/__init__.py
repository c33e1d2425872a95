"""What runs by itself: the worker and its timetable."""
