"""The agreement, who comes, its moves and its forms."""
