"""Looks at the console of exec:exec@serve in Chromium: check_console.py DIRECTORY

Sends the examples of events/ from its forms, reads the replies and the list of requests, and fails at any error in the
browser's console, any request that fails, and any that is not to 127.0.0.1. Writes console-360.png and console-1280.png
to DIRECTORY; the second, made smaller by optipng -o5, is docs/console.png.
"""

import json
import pathlib
import re
import shutil
import sys
from contextlib import contextmanager
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from served import served

SECONDS = 30


@contextmanager
def browser():
    """Debian's Chromium, without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or sys.exit("There is no chromium.")
    # Chromium's own sandbox refuses to run as root, which a container's user is.
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-proxy-server"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = Service(shutil.which("chromedriver") or sys.exit("There is no chromedriver."))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


class Console:
    """The page, as somebody uses it."""

    def __init__(self, driver, address):
        self.driver = driver
        self.address = address
        self.requested = []

    def wait(self, condition):
        return WebDriverWait(self.driver, SECONDS).until(lambda _: condition())

    def all(self, selector, within=None):
        return (within or self.driver).find_elements(By.CSS_SELECTOR, selector)

    def first(self, selector, within=None):
        """The first, as soon as there is one."""
        return self.wait(lambda: self.all(selector, within))[0]

    def open(self, width, height):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        self.driver.get(self.address)
        self.wait(lambda: len(self.all(".opblock")) == 3)

    def form(self, action):
        """An action's form, opened."""
        block = self.first(f"#operations-actions-{action}")
        if "is-open" not in block.get_attribute("class"):
            self.first(".opblock-summary-control", block).click()
        return block

    def send(self, action, example):
        """The status and the text of the reply to an example."""
        block = self.form(action)
        Select(self.first(".opblock-section-request-body .examples-select-element", block)).select_by_visible_text(example)
        listed = len(self.all("#list li"))
        self.first("button.execute", block).click()
        self.wait(lambda: len(self.all("#list li")) == listed + 1)
        live = self.first(".live-responses-table .response", block)
        return (
            int(self.first(".response-col_status", live).text.split()[0]),
            json.loads(self.first(".response-col_description .highlight-code code", live).text),
            self.first(".live-responses-table", block).text,
        )

    def close_forms(self):
        for block in self.all(".opblock.is-open"):
            self.first(".opblock-summary-control", block).click()
        self.wait(lambda: not self.all(".opblock.is-open"))

    def scroll_to(self, element):
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'end'})", element)

    def check_width(self, width):
        wide = self.driver.execute_script("return document.documentElement.scrollWidth")
        check(wide <= width, f"at {width} pixels the page is {wide} wide")

    def check_requests(self):
        """Nothing went wrong behind the page, and nothing went elsewhere."""
        messages = [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        # Chromium says of each reply of 400 and above that it is one.
        told = self.address.removesuffix("_console/") + "#insert - Failed to load resource: the server responded with a status of 400"
        check([m for m in messages if m["message"].startswith(told)] == messages, f"the browser says: {messages}")
        sent = {}
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            parameters = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                url = urlsplit(parameters["request"]["url"])
                self.requested.append(url.path)
                sent[parameters["requestId"]] = url.geturl()
                check(url.scheme == "data" or url.hostname == "127.0.0.1", f"a request went to {url.geturl()}")
            check(message["method"] != "Network.loadingFailed", f"{sent.get(parameters.get('requestId'))} failed: {parameters}")
            if message["method"] == "Network.responseReceived":
                response = parameters["response"]
                own = "/_console/" in response["url"]
                check(not own or response["status"] == 200, f"{response['url']} has status {response['status']}")


def check(holds, otherwise):
    if not holds:
        sys.exit(otherwise)


def exchange(page):
    """Every example of the forms, and what must come of it."""
    status, reply, shown = page.send("create", "create")
    check(status in (200, 201) and reply["table"] == "owner", shown)
    check("Request duration" in shown, shown)
    status, reply, shown = page.send("create", "create-purchase")
    check(status in (200, 201) and reply["table"] == "purchase", shown)
    for example in ["insert", "insert-purchase", "http-insert", "schedule-insert"]:
        status, reply, shown = page.send("insert", example)
        check(status == 200 and reply["outcome"] == "committed", shown)
    status, reply, shown = page.send("query", "query")
    names = [row["name"] for row in reply["rows"]]
    check(status == 200 and {"John Doe", "Max Mustermann", "Scheduled Owner"} <= set(names), shown)
    status, reply, shown = page.send("query", "query-purchase")
    check(status == 200 and "collar" in [row["article"] for row in reply["rows"]], shown)
    status, reply, shown = page.send("query", "http-query")
    check(status == 200 and len(reply["rows"]) == 2, shown)
    status, reply, shown = page.send("insert", "bad-request")
    check(status == 400 and reply["code"] == "invalid_request", shown)
    pointers = [error["pointer"] for error in reply["errors"]]
    check(pointers == ["/rows/1", "/returning", "/colour"], shown)


def check_list(page):
    """The last request is listed with its status, its time and the function's own lines."""
    last = page.first("#list li")
    check(re.search(r"POST /\s+insert\s+400\s+\d+ ms", last.text), last.text)
    page.first("summary", last).click()
    lines = [json.loads(line.text) for line in page.all("pre", last)]
    invocation = [line for line in lines if line["event"] == "invocation"]
    check(len(invocation) == 1 and invocation[0]["code"] == "invalid_request", last.text)
    page.first("summary", last).click()


def check_schema(page, action):
    """The schema of an action's request is found, with what it refers to."""
    block = page.form(action)
    page.first(".opblock-section-request-body [data-name=model]", block).click()
    schema = page.first(".opblock-section-request-body [data-name=modelPanel]", block)
    page.wait(lambda: "table" in schema.text)
    page.first(".opblock-section-request-body [data-name=example]", block).click()


def look(directory, address, width, height):
    """Uses the whole page at one width."""
    with browser() as driver:
        page = Console(driver, address)
        page.open(width, height)
        page.check_width(width)
        exchange(page)
        check_list(page)
        page.check_width(width)
        for action in ["create", "insert", "query"]:
            check_schema(page, action)
        page.check_width(width)
        page.close_forms()
        # The rows, and beside or below them what the function wrote.
        page.send("query", "http-query")
        page.first("#list summary").click()
        page.scroll_to(page.first("#operations-actions-query .live-responses-table"))
        driver.save_screenshot(str(directory / f"console-{width}.png"))
        page.check_requests()
        print(f"{width} pixels wide: {page.requested.count('/')} requests sent, by Chromium {driver.capabilities['browserVersion']}")


if __name__ == "__main__":
    with served() as at:
        console = at + "_console/"
        look(pathlib.Path(sys.argv[1]), console, 360, 1400)
        look(pathlib.Path(sys.argv[1]), console, 1280, 1060)
