"use strict";

const list = document.getElementById("list");
const note = document.getElementById("note");
const shown = new Set();

/** As many as the program keeps. */
const kept = 50;

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** The action that a request asked for, as the function's line of it says. */
function action(request) {
  const named = request.lines.map((line) => /"action":"(\w+)"/.exec(line)).find((found) => found);
  return named ? named[1] : "";
}

/** A request as it is listed, with its lines under it. */
function item(request) {
  const details = element("details", "", "");
  const summary = element("summary", "", "");
  summary.append(
    element("time", "", new Date(request.at).toLocaleTimeString("en-GB")),
    element("code", "", `${request.method} ${request.target}`),
    element("span", "", action(request)),
    element("b", request.status < 400 ? "done" : "failed", request.status),
    element("span", "", `${request.millis} ms`),
    element("span", "", `${request.bytes} bytes`));
  details.append(summary, ...request.lines.map((line) => element("pre", "", line)));
  const li = element("li", "", "");
  li.append(details);
  return li;
}

/** Puts what is new on top, and leaves what is there as it is, opened or not. */
function show(requests) {
  const fresh = requests.filter((request) => !shown.has(request.requestId));
  fresh.forEach((request) => shown.add(request.requestId));
  list.prepend(...fresh.map(item));
  while (list.children.length > kept) {
    list.lastChild.remove();
  }
}

async function refresh() {
  try {
    const response = await fetch("requests.json");
    show(await response.json());
    note.textContent = list.children.length > 0 ? "" : "None yet. Whatever reaches the API is listed here.";
  } catch (error) {
    note.textContent = `The program does not answer any more (${error.message}).`;
  }
}

SwaggerUIBundle({
  dom_id: "#api",
  url: "openapi.json",
  layout: "BaseLayout",
  validatorUrl: null,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: -1,
  defaultModelExpandDepth: 1,
  responseInterceptor: (response) => {
    refresh();
    return response;
  },
});

refresh();
// Requests of other clients.
setInterval(() => document.hidden || refresh(), 2000);
