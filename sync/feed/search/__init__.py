"""The search index of a station's mirror: a million titles, offline, found while the reader types.

`build` makes the file and keeps it up to date, in the process that feeds the mirror: it loads dictionaries. `origin`
says which mirror it was made from. `index` searches it, in the station: it loads none.

How it works, in short. Every title has a number whose upper part is the length of the title, so the order in which FTS5
finds is the order in which results are shown, and finding stops after a screenful. What is indexed are *terms*: words,
pairs of characters where a script writes no spaces, pinyin; which field a term comes from is its first character.
How whole titles begin is stored as well, which makes the first letters typed as quick as the last.
"""
