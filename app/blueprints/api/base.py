"""What every shape of the API is made of."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """What a call takes or gives. What checks and writes it is built at its first use: most processes never answer a call."""

    model_config = ConfigDict(defer_build=True)
