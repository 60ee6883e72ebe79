"""The guide's machinery: what runs and records the snippets, checks and builds the pages, and begins new entries.

`project` says where things are; `snippets`, `runs`, `verdicts` and `recordings` what a program does; `matrix` and
`paste_index` what that tells; `lanes` what each line sends, `facts` what proves a sentence. `pages` and `checks` look
after the texts, `generated` after what is derived, `site` builds all of it. `plugin` is what pytest loads, `__main__`
the command line.
"""
