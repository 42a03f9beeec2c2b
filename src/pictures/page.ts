import { readFileSync } from 'node:fs';

/** Returns a page that runs no script and loads nothing. */
export function page(main: string): string {
  const style = readFileSync(new URL('../../assets/page.css', import.meta.url), 'utf8');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${style}</style>
<main>
${main}
</main>
</html>`;
}
