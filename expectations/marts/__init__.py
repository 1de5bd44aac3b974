"""One suite per published table: may the candidate go out?"""
