"""Drives headless Chromium over its debugging pipe: reads one JSON array of steps, prints one JSON object a step."""
import base64, json, os, smtplib, subprocess, sys, tempfile, time

class Browser:
    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        out_r, self.out = os.pipe()
        self.inp, in_w = os.pipe()
        def wire():
            os.dup2(out_r, 103); os.dup2(in_w, 104); os.dup2(103, 3); os.dup2(104, 4)
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--remote-debugging-pipe", "--user-data-dir=" + self.folder.name, "--disable-background-networking",
             "--host-resolver-rules=MAP *.example* ~NOTFOUND, MAP mailhog.test 127.0.0.1"],
            preexec_fn=wire, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(out_r); os.close(in_w)
        self.buffer = b""; self.number = 0; self.events = []
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ["Page", "Runtime", "Network", "Log"]: self.call(domain + ".enable")

    def call(self, method, params=None):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params or {}}
        if getattr(self, "session", None): message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            found = self.read()
            if found.get("id") == self.number:
                if "error" in found: raise RuntimeError(method + ": " + found["error"]["message"])
                return found.get("result", {})
            self.events.append(found)

    def read(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.inp, 1 << 20)
            if not piece: raise RuntimeError("the browser is gone")
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def value(self, expression):
        found = self.call("Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in found: raise RuntimeError(json.dumps(found["exceptionDetails"]))
        return found["result"].get("value")

    def wait(self, expression, seconds=15):
        end = time.monotonic() + seconds
        while True:
            try: value = self.value(expression)
            except RuntimeError as error: value = None; problem = str(error)
            if value: return value
            if time.monotonic() > end: raise RuntimeError("never true: " + expression + " in " + str(self.value("document.body.innerText.slice(0, 600)")))
            time.sleep(0.02)

    def key(self, text):
        names = {"Escape": 27, "Enter": 13, "Tab": 9}
        if text in names:
            for kind in ["rawKeyDown", "keyUp"]:
                self.call("Input.dispatchKeyEvent", {"type": kind, "key": text, "code": text, "windowsVirtualKeyCode": names[text]})
        else:
            for character in text:
                self.call("Input.dispatchKeyEvent", {"type": "keyDown", "key": character, "text": character})
                self.call("Input.dispatchKeyEvent", {"type": "keyUp", "key": character})

    def step(self, step):
        kind, argument = step[0], step[1:]
        if kind == "size": self.call("Emulation.setDeviceMetricsOverride", {"width": argument[0], "height": argument[1], "deviceScaleFactor": 1, "mobile": argument[0] < 600})
        elif kind == "dark": self.call("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if argument[0] else "light"}]})
        elif kind == "scripts": self.call("Emulation.setScriptExecutionDisabled", {"value": not argument[0]})
        elif kind == "go":
            self.call("Page.navigate", {"url": argument[0]})
            self.wait("document.readyState === 'complete' && location.href.startsWith(%s)" % json.dumps(argument[0]))
        elif kind == "wait": return self.wait(argument[0])
        elif kind == "value": return self.value(argument[0])
        elif kind == "key": self.key(argument[0])
        elif kind == "click": self.wait("document.querySelector(%s)" % json.dumps(argument[0]) + " !== null"); self.value("document.querySelector(%s).click()" % json.dumps(argument[0]))
        elif kind == "shot":
            time.sleep(0.3)
            with open(argument[0], "wb") as file: file.write(base64.b64decode(self.call("Page.captureScreenshot")["data"]))
        elif kind == "type": self.call("Input.insertText", {"text": argument[0]})
        elif kind == "write":
            with open(argument[0], "w", encoding="utf-8") as file: file.write(argument[1])
        elif kind == "mail":
            with smtplib.SMTP("127.0.0.1", argument[0], timeout=10) as client: client.sendmail("a@x.example", ["b@y.example"], argument[1])
        elif kind == "requests": return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        elif kind == "problems":
            return [e["params"]["entry"]["text"] for e in self.events if e.get("method") == "Log.entryAdded" and e["params"]["entry"]["level"] == "error"] + [json.dumps(e["params"]["exceptionDetails"]) for e in self.events if e.get("method") == "Runtime.exceptionThrown"]
        else: raise RuntimeError("no such step: " + kind)

    def close(self):
        self.process.kill(); self.process.wait(); self.folder.cleanup()

browser = Browser(sys.argv[1])
try:
    for step in json.load(sys.stdin): print(json.dumps(browser.step(step)), flush=True)
finally:
    browser.close()
