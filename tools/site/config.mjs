/** Settings of the documentation site. Copied beside its pages by `npm run docs`. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";

const pages = join(import.meta.dirname, "..");
const inFolder = (folder) =>
  readdirSync(join(pages, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ text: name, link: `/${folder}/${name}/` }));

export default defineConfig({
  title: "pulumi-acme",
  description: "ACME accounts, certificates and their deployment to hosts as Pulumi resources",
  // A page host may serve it below any path.
  base: process.env.SITE_BASE ?? "/",
  // Contrast of at least 4.5 : 1 (WCAG 2.2, 1.4.3), which the default colors of code do not have.
  markdown: { theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" } },
  head: [["style", {}, ":root { --vp-code-lang-color: var(--vp-c-text-1); }"]],
  themeConfig: {
    search: { provider: "local" },
    outline: { level: [2, 3] },
    nav: [
      { text: "Guide", link: "/" },
      { text: "API reference", link: "/reference/overview" },
    ],
    sidebar: [
      {
        text: "Guide",
        items: [
          { text: "Overview", link: "/" },
          { text: "Accounts", link: "/docs/account" },
          { text: "Certificates", link: "/docs/certificate" },
          { text: "Solvers", link: "/docs/solvers" },
          { text: "Orders and DNS resources", link: "/docs/order" },
          { text: "Renewal", link: "/docs/renewal" },
          { text: "Deployment", link: "/docs/deployment" },
          { text: "nginx", link: "/docs/nginx" },
          { text: "Service configuration", link: "/docs/service-config" },
        ],
      },
      {
        text: "Operations",
        items: [
          { text: "Operations", link: "/docs/operations" },
          { text: "Troubleshooting", link: "/docs/troubleshooting" },
          { text: "Security", link: "/docs/security" },
        ],
      },
      { text: "Examples", items: inFolder("examples") },
      { text: "Templates", items: inFolder("templates") },
      {
        text: "Project",
        items: [
          { text: "API reference", link: "/reference/overview" },
          { text: "Changes", link: "/CHANGELOG" },
          { text: "Architecture", link: "/docs/architecture" },
          { text: "Contributing", link: "/CONTRIBUTING" },
          { text: "Reporting vulnerabilities", link: "/SECURITY" },
        ],
      },
    ],
  },
});
