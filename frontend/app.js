// Loads what the page asks for by its data attributes; pages without any load nothing more.
