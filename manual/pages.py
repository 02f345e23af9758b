"""Write the generated pages where mkdocs looks for them; the plugin gen-files runs this."""

from __future__ import annotations

import mkdocs_gen_files

from manual.contents import generate

for path, text in generate():
    with mkdocs_gen_files.open(path, "w") as file:
        file.write(text)
