import type { Block, Inline } from '../../../render/message.ts';

/**
 * `formatted_body`: only tags and attributes that the specification allows
 * (https://spec.matrix.org/v1.16/client-server-api/#mroommessage-msgtypes).
 */
export function toHtml(blocks: readonly Block[]): string {
  const [only, ...more] = blocks;
  return only?.kind === 'paragraph' && more.length === 0 ? inlinesToHtml(only.children) : blocksToHtml(blocks);
}

function blocksToHtml(blocks: readonly Block[]): string {
  return blocks.map(blockToHtml).join('');
}

function blockToHtml(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${inlinesToHtml(block.children)}</p>`;
    case 'heading':
      return `<h${block.level}>${inlinesToHtml(block.children)}</h${block.level}>`;
    case 'quote':
      return `<blockquote>${blocksToHtml(block.children)}</blockquote>`;
    case 'list': {
      const tag = block.ordered ? 'ol' : 'ul';
      return `<${tag}>${block.items.map((item) => `<li>${toHtml(item)}</li>`).join('')}</${tag}>`;
    }
    case 'codeBlock':
      return `<pre><code>${escapeHtml(block.text)}</code></pre>`;
    case 'rule':
      return '<hr>';
    default:
      return block satisfies never;
  }
}

function inlinesToHtml(inlines: readonly Inline[]): string {
  return inlines.map(inlineToHtml).join('');
}

function inlineToHtml(inline: Inline): string {
  switch (inline.kind) {
    case 'text':
    case 'person':
    case 'time':
      return escapeHtml(inline.text).replaceAll('\n', '<br>');
    case 'code':
    case 'command':
      return `<code>${escapeHtml(inline.text)}</code>`;
    case 'break':
      return '<br>';
    case 'link':
      return `<a href="${escapeHtml(inline.url)}">${inlinesToHtml(inline.children)}</a>`;
    case 'spoiler':
      return `<span data-mx-spoiler>${inlinesToHtml(inline.children)}</span>`;
    case 'strong':
    case 'em':
    case 'del':
      return `<${inline.kind}>${inlinesToHtml(inline.children)}</${inline.kind}>`;
    default:
      return inline satisfies never;
  }
}

/** For text and for attribute values in double quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
