"""One suite per published table: may the candidate go out?

To each the gate adds that nothing personal is in any column (`expectations.releases`).
"""
