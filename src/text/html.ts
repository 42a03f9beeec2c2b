/** Returns the first letter of a name in a disc. */
export function avatar(name: string): string {
  return `<span class="avatar">${escapeHtml(name.slice(0, 1).toUpperCase())}</span>`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
