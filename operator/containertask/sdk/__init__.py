"""Tasks from Python: the classes of Flyte's ContainerTask documents."""
