"""What staff do with comments: marks on them, quotes, the wall, praise."""
