"""Files for web hosts: redirects, types of files, and the page for missing ones."""

from __future__ import annotations

from apps.editions.models import FormerAddress

# Types that nginx and Apache do not know by themselves.
_TYPES = {"ics": "text/calendar", "bib": "application/x-bibtex"}
_TEXTS = "text/css text/javascript application/javascript text/plain text/calendar"


def host_files(*, base: str, edition: str, renamed: dict[str, str]) -> dict[str, str]:
    """Contents by name. `base` is the path of the copy on its host without the last "/".

    `renamed` are files by the addresses that the site has for them.
    """
    moved = {f"{base}{old}": f"{base}/{file}" for old, file in sorted(renamed.items())}
    former = {f"{base}{old}": f"{base}{new}" for old, new in _former_addresses(edition).items()}
    return {
        ".nojekyll": "",
        "_redirects": "".join(
            [
                *(f"{old} {file} 302\n" for old, file in moved.items()),
                *(f"{old}* {new}:splat 301\n" for old, new in former.items()),
            ]
        ),
        "nginx.conf": _nginx(base, moved, former),
        ".htaccess": _apache(base, moved, former),
    }


def _former_addresses(edition: str) -> dict[str, str]:
    """Present addresses of the public editions in the copy, by former ones."""
    rows = FormerAddress.objects.exclude(edition__state="draft").select_related("edition")
    return {
        f"/{row.slug}/": row.edition.get_absolute_url()
        for row in rows.order_by("slug")
        if edition in {"", row.edition.slug}
    }


def _nginx(base: str, moved: dict[str, str], former: dict[str, str]) -> str:
    types = " ".join(f"{name} {ending};" for ending, name in _TYPES.items())
    lines = [
        "# For a server { } of nginx: include /var/www/workshop/nginx.conf;",
        "# Write the path of this folder in place of /var/www/workshop/, with the last slash.",
        *([f"location = {base} {{ absolute_redirect off; return 301 {base}/; }}"] if base else []),
        f"location {base}/ {{",
        "    alias /var/www/workshop/;",
        "    index index.html;",
        "    absolute_redirect off;",
        "    include mime.types;",
        f"    types {{ {types} }}",
        "    charset utf-8;",
        f"    charset_types {_TEXTS} {_TYPES['bib']};",
        f"    error_page 403 404 =404 {base}/404.html;",
        "    # Links end in index.html, so that they work without a server.",
        '    if ($request_uri ~ "^([^?]*/)index\\.html(\\?|$)") { return 301 $1; }',
        *(f"    rewrite ^{old}$ {file} redirect;" for old, file in moved.items()),
        *(f"    rewrite ^{old[:-1]}(?:/(.*))?$ {new}$1 permanent;" for old, new in former.items()),
        "}",
    ]
    return "".join(f"{line}\n" for line in lines)


def _apache(base: str, moved: dict[str, str], former: dict[str, str]) -> str:
    lines = [
        f"ErrorDocument 404 {base}/404.html",
        "DirectoryIndex index.html",
        "AddDefaultCharset utf-8",
        *(f"AddType {name} .{ending}" for ending, name in _TYPES.items()),
        f"AddCharset utf-8 .css .js {' '.join(f'.{ending}' for ending in _TYPES)}",
        "# Without mod_rewrite the copy works too, but for short addresses and redirects.",
        "<IfModule mod_rewrite.c>",
        "RewriteEngine On",
        "# Links end in index.html, so that they work without a server.",
        'RewriteCond %{THE_REQUEST} "\\s([^\\s?]*/)index\\.html[\\s?]"',
        "RewriteRule (^|/)index\\.html$ %1 [R=301,NE,L]",
    ]
    here = len(f"{base}/")  # patterns begin in the folder
    lines += [f"RewriteRule ^{old[here:]}$ {file} [R=302,L]" for old, file in moved.items()]
    lines += [
        f"RewriteRule ^{old[here:-1]}(?:/(.*))?$ {new}$1 [R=301,L]" for old, new in former.items()
    ]
    lines += ["</IfModule>"]
    return "".join(f"{line}\n" for line in lines)
