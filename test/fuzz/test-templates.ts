/** `exact`: each value is shown completely. `helped`: helpers cut and pick. `read`: its own Markdown is read, `{{{x}}}`. */
export type Kind = 'exact' | 'helped' | 'read';

/** Templates that put values of a post into every possible position. */
export const testTemplates: Readonly<Record<string, { readonly kind: Kind; readonly text: string }>> = {
  parts: {
    kind: 'exact',
    text: `---
title: '{{object.title}}{{object.username}}'
color: '{{object.why}}'
fields:
  - { name: '{{object.title}}', value: '{{object.username}}{{object.why}}', inline: true }
  - { name: 'a {{object.why}}', value: 'b {{object.body}} c', inline: true }
  - { name: 'n', value: '{{object.tags}}', inline: false }
footer: '{{object.body}}{{object.title}}'
---
{{object.title}}{{object.username}}{{object.why}}{{object.body}}

{{object.username}} {{object.tags}}
{{object.why}}
`,
  },
  looks: {
    kind: 'exact',
    text: `---
title: '**{{object.title}}** _{{object.username}}_ ~~{{object.why}}~~ ||{{object.body}}||'
fields:
  - { name: '_{{object.title}}_', value: '**{{object.username}}**{{object.why}} ||{{object.body}}||', inline: false }
footer: '**{{object.title}}**{{object.username}}'
---
**{{object.title}}**{{object.username}}_{{object.why}}_ ~~{{object.body}}~~||{{object.title}}||{{object.username}}

{{object.title}}**{{object.username}}** *a **{{object.why}} ~~{{object.body}}~~** b*{{object.tags}}

**_{{object.title}}_** ||**{{object.username}}** {{object.why}}|| \`{{object.body}}\`{{object.title}}\`{{object.username}}\`
`,
  },
  labels: {
    kind: 'exact',
    text: `---
title: 'x [{{object.title}}](https://charcoal-se.org/a) {{object.why}}'
url: https://charcoal-se.org/b
fields:
  - { name: n, value: '[{{object.username}}](https://charcoal-se.org/c){{object.why}}', inline: false }
---
{{object.why}}[{{object.title}}](https://charcoal-se.org/x){{object.username}}

[**{{object.title}}** {{object.username}}](https://stackoverflow.com/q/1?a=b) ||[{{object.body}}](https://charcoal-se.org)||
[\`{{object.why}}\`](https://charcoal-se.org/(y)) ![{{object.body}}](https://charcoal-se.org/z.png)
`,
  },
  addresses: {
    kind: 'helped',
    text: `---
title: '{{object.title}}'
url: '{{object.link}}'
image: '{{object.user_link}}'
color: '{{object.body}}'
fields:
  - { name: n, value: '[{{object.username}}]({{object.link}}) {{link object.username object.user_link}}', inline: false }
footer: '[x]({{object.user_link}})'
---
[{{object.title}}]({{object.link}}) [x]({{object.why}}) ![{{object.title}}]({{object.user_link}})

<{{object.link}}> [a](https://stackoverflow.com/search?q={{object.title}}) [b](https://charcoal-se.org/{{object.body}})
`,
  },
  blocks: {
    kind: 'exact',
    text: `---
title: t
---
# {{object.title}}
## a {{object.username}}

{{object.title}}
# {{object.why}}
- {{object.title}}
- **{{object.username}}** {{object.why}}
  - {{object.body}}

1. {{object.title}}
2. {{object.username}}

> {{object.title}}
> **{{object.why}}**
> - {{object.body}}

---
{{object.username}}
> {{object.title}}

{{object.body}}
`,
  },
  fences: {
    kind: 'exact',
    text: `---
title: 't \`{{object.title}}\`'
fields:
  - { name: '\`{{object.why}}\`', value: '\`{{object.title}}\`\`{{object.username}}\`', inline: true }
---
\`\`\`
{{object.title}}
\`\`\`
{{object.username}}
> \`\`\`
> {{object.why}}
> a {{object.body}}
> \`\`\`

- \`{{object.title}}\`
- \`\`\`
  {{object.username}}
  \`\`\`
{{object.body}}
`,
  },
  sigils: {
    kind: 'exact',
    text: `---
title: '@{{object.title}} :{{object.username}}: <@{{object.why}}>'
fields:
  - { name: 'https://{{object.title}}', value: 'www.{{object.username}} #{{object.why}}:{{object.body}}', inline: true }
footer: '<t:{{object.title}}:R> https:{{object.why}}'
---
https://{{object.title}} www.{{object.username}} @{{object.why}}:server <#{{object.body}}>

\\*{{object.title}}* \\_{{object.username}}\\_ \\|\\|{{object.why}}\\|\\| \\~~{{object.body}}~~ \\\`{{object.title}}\\\`

\\[{{object.title}}](https://charcoal-se.org) {{object.why}}://evil.com {{object.username}}.com {{object.body}}@evil.com

\\# {{object.title}}
\\- {{object.username}}
\\> {{object.why}}
1\\. {{object.body}} -{{object.title}} #{{object.username}}
`,
  },
  helpers: {
    kind: 'helped',
    text: `---
title: '{{truncate object.title 30}} {{spoiler object.username}}'
fields:
  - { name: '{{code object.why}}', value: '{{row object.title object.username object.tags}}', inline: true }
  - { name: n, value: '{{wrap object.why "(" ")"}}{{join object.tags " | "}}', inline: true }
footer: '{{first_line object.body}} {{default object.title "none"}}'
---
{{link object.title object.link}} {{link object.username object.user_link}} {{link object.why "https://charcoal-se.org/a"}}

{{lines object.body 5}}

> {{lines (truncate object.why 80) 3}}

{{code object.title}}{{code object.username}} **{{spoiler object.why}}**

{{#if object.title}}{{#each object.tags}}[{{this}}]{{/each}}{{/if}}
`,
  },
  read: {
    kind: 'read',
    text: `---
title: '{{{object.title}}} {{object.username}}'
fields:
  - { name: '{{{object.title}}}', value: '{{{object.username}}}{{object.why}}', inline: false }
footer: '{{{object.why}}}'
---
{{{object.body}}}

{{object.title}}{{{object.username}}}{{object.why}} {{markdown object.title}} {{json object.tags}}

> {{{object.why}}}

[{{{object.title}}}](https://charcoal-se.org) **{{{object.username}}}**
`,
  },
};
