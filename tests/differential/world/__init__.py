"""The data sets that both systems are asked about, and what each calls the things that the questions are about."""
