"""Tasks that use a library: one module each, and in it each public function is a task.

A task imports the library itself, needs no argument, and returns what is the same each time: numbers and strings.
Where the library has threads of its own, the work is large enough for it to use them.
"""
