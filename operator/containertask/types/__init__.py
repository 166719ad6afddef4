"""The types of inputs and outputs: ``leaves`` hold no other, ``model`` has all, ``grammar`` reads them."""
