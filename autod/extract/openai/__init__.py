"""The OpenAI engine: exact about money, honest about failure.

Top to bottom: ``catalogue`` (what models can do), ``schema`` and ``prompt`` (what is asked, the same for
every document), ``request`` (one document's question), ``client`` (one exchange over HTTP), ``asking``
(paying once), ``answer`` (what came back) and ``prices`` (what it cost).
"""
