"""May it go in, may it go out? One module of plain `gxe.*` rules per table."""
