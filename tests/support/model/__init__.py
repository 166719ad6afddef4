"""A model of everything around the operator's runtime, for tests that let anything happen at any moment.

One event loop whose time passes only on demand (``loop``), an API server that holds every request until it
is to be answered (``server``, ``wire``), watches that tell when they are made to (``feeds``), a cluster that
does to Pods what clusters do (``kubelet``, ``ends``), operator processes with their real parts (``process``),
and what must hold whatever happens (``laws``). ``world`` puts them together.
"""
