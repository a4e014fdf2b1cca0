"""The pages: parse, authorise, call one use case, render."""
