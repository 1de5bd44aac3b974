"""One suite per canonical source: may a delivery go in?"""
