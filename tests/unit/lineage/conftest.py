import pytest
from small_build import small_build


@pytest.fixture
def home(tmp_path):
    return small_build(tmp_path)
