/** The status as one page that needs nothing else: a timeline of every certificate, the most urgent first. Pure. */
import { describeSpan } from "../../util/duration";
import { type Html, html, join, raw } from "./html";
import { SCRIPT, STYLE } from "./page-assets";
import {
  type CertificateState,
  type CertificateStatus,
  type DeploymentStatus,
  STATES,
  worstOf,
} from "./state";

export function pageOf(certificates: readonly CertificateStatus[], now: number): string {
  const worst = worstOf(certificates.map(({ state }) => state));
  const stacks = [...new Set(certificates.map(({ stack }) => stack))].join(", ");
  const title = `Certificates${stacks === "" ? "" : `: ${stacks}`}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p>
            ${badge(worst)} ${counts(certificates)}; written
            <time datetime="${iso(now)}">${moment(now)}</time>
          </p>
          <p class="filter" hidden>
            <label>Filter <input type="search" id="filter" autocomplete="off" /></label>
            <span id="shown" role="status"></span>
          </p>
        </header>
        <main>
          <table role="table">
            <caption>
              Every certificate, the most urgent first. In the timeline: issued, now, renewal,
              expiry.
            </caption>
            <thead role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col">State</th>
                <th role="columnheader" scope="col">Certificate</th>
                <th role="columnheader" scope="col">Timeline</th>
                <th role="columnheader" scope="col">Deployed on</th>
              </tr>
            </thead>
            <tbody role="rowgroup">
              ${join(certificates.map((certificate) => row(certificate, now)))}
            </tbody>
          </table>
        </main>
        <script>
          ${raw(SCRIPT)};
        </script>
      </body>
    </html>`.text.replace(/\n\s+/g, "\n");
}

function row(certificate: CertificateStatus, now: number): Html {
  const { state, name, stack, dnsNames, ipAddresses, issuer, reasons } = certificate;
  const names = [...dnsNames, ...ipAddresses];
  return html`<tr role="row" class="${state}">
    <td role="cell">${badge(state)}</td>
    <th role="rowheader" scope="row">
      <span class="name">${name}</span>
      <span class="names">${names.length === 0 ? "(secret)" : names.join(", ")}</span>
      <span class="small">${[stack, issuer].filter(Boolean).join(" · ")}</span>
      ${join(reasons.map((reason) => html`<span class="reason">${reason}</span>`))}
    </th>
    <td role="cell">${timeline(certificate, now)}</td>
    <td role="cell">${deployments(certificate.deployments)}</td>
  </tr>`;
}

function timeline(certificate: CertificateStatus, now: number): Html {
  const { notBefore, notAfter, renewAt, renewalReason } = certificate;
  if (notBefore === undefined || notAfter === undefined) return html`<p>No certificate yet.</p>`;
  const [start, end] = [Date.parse(notBefore), Date.parse(notAfter)];
  const at = (time: number): string => {
    const share = Math.min(1, Math.max(0, (time - start) / (end - start || 1)));
    return `${(share * 100).toFixed(1)}%`;
  };
  const renewal = renewAt === undefined ? undefined : Date.parse(renewAt);
  const left = end - now;
  return html`<div class="bar" aria-hidden="true">
      <span class="past" style="width:${at(now)}"></span>
      ${renewal === undefined ? "" : html`<span class="renewal" style="left:${at(renewal)}"></span>`}
      <span class="now" style="left:${at(now)}"></span>
    </div>
    <dl>
      <div>
        <dt>issued</dt>
        <dd>${day(start)}</dd>
      </div>
      ${
        renewal === undefined
          ? ""
          : html`<div>
              <dt>renewal</dt>
              <dd>${renewal <= now ? "due" : day(renewal)}, ${renewalReason}</dd>
            </div>`
      }
      <div>
        <dt>expiry</dt>
        <dd>${day(end)}, ${left > 0 ? `${describeSpan(left)} left` : "expired"}</dd>
      </div>
    </dl>`;
}

function deployments(found: readonly DeploymentStatus[]): Html {
  if (found.length === 0) return html`<span class="small">nowhere</span>`;
  const items = found.map(({ host, current, paths, served }) => {
    const what = current ? "current" : "not current";
    const path = Object.values(paths)[0];
    const service = served === undefined ? "" : `, ${served.address}`;
    return html`<li>
      ${host} <span class="${current ? "ok" : "warning"}">${what}${service}</span>
      ${path === undefined ? "" : html`<code>${path}</code>`}
    </li>`;
  });
  return html`<ul>
    ${join(items)}
  </ul>`;
}

function counts(certificates: readonly CertificateStatus[]): string {
  const numbers = STATES.map((state) => ({
    state,
    count: certificates.filter((certificate) => certificate.state === state).length,
  }));
  const told = numbers.filter(({ count }) => count > 0).reverse();
  return told.map(({ state, count }) => `${String(count)} ${state}`).join(", ") || "no certificate";
}

function badge(state: CertificateState): Html {
  return html`<span class="badge ${state}">${state}</span>`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** `2026-11-27 09:30 UTC` */
function moment(time: number): string {
  return `${iso(time).slice(0, 16).replace("T", " ")} UTC`;
}

function day(time: number): Html {
  return html`<time datetime="${iso(time)}">${iso(time).slice(0, 10)}</time>`;
}
