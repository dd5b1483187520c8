/** Code blocks and links of Markdown files. */

export interface CodeBlock {
  /** The word behind the fence; empty where there is none. */
  readonly language: string;
  readonly text: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
}

export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = markdown.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const [, indent = "", fence, language = ""] =
      /^(\s*)(`{3,}|~{3,})\s*(\w*)/.exec(lines[index] ?? "") ?? [];
    if (fence === undefined) continue;
    const start = index + 1;
    do index++;
    while (index < lines.length && lines[index]?.trim() !== fence);
    const text = lines
      .slice(start, index)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
      .join("\n");
    blocks.push({ language, text, line: start + 1 });
  }
  return blocks;
}

/** Targets of links and images outside of code. */
export function linkTargets(markdown: string): string[] {
  const prose = markdown
    .replace(/^(\s*)(`{3,}|~{3,})[^]*?^\s*\2\s*$/gm, "")
    .replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(([, target = ""]) => target);
}

/** The anchor that a heading gets: `## The state file` → `the-state-file`. */
export function anchors(markdown: string): Set<string> {
  const headings = markdown.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm);
  return new Set(
    [...headings].map(([, text = ""]) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/\s/g, "-"),
    ),
  );
}
