"""Three short courses."""

from belgenet.testing.demo.data.courses.security import SECURITY
from belgenet.testing.demo.data.courses.time import TIME
from belgenet.testing.demo.data.courses.writing import WRITING

COURSES = (SECURITY, WRITING, TIME)
