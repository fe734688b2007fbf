package js

import (
	"bufio"
	"net"
	"os"
	"os/user"
	goruntime "runtime"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// bindOS offers what the prelude's os.js needs.
func bindOS(h *host, native *goja.Object) {
	_ = native.Set("system", func(goja.FunctionCall) goja.Value { return h.rt.ToValue(systemFacts()) })
	_ = native.Set("interfaces", func(goja.FunctionCall) goja.Value {
		found, err := h.interfaces()
		if err != nil {
			h.throw(err)
		}
		return found
	})
}

// systemFacts are what node:os tells of the machine and the user.
func systemFacts() map[string]any {
	facts := map[string]any{"cpus": goruntime.NumCPU(), "uid": os.Getuid(), "gid": os.Getgid(), "username": "", "homedir": "", "shell": nil}
	facts["hostname"], _ = os.Hostname()
	if u, err := user.Current(); err == nil {
		facts["homedir"] = u.HomeDir
		facts["username"] = u.Username[strings.LastIndex(u.Username, `\`)+1:] // without the domain of Windows
		if goruntime.GOOS != "windows" {
			facts["shell"] = loginShell(u.Username)
		}
	}
	return facts
}

// loginShell looks a user's shell up; Go does not tell it.
func loginShell(name string) any {
	file, err := os.Open("/etc/passwd")
	if err == nil {
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if parts := strings.Split(lines.Text(), ":"); len(parts) == 7 && parts[0] == name {
				return parts[6]
			}
		}
	}
	if shell := os.Getenv("SHELL"); shell != "" { // on macOS, users are elsewhere
		return shell
	}
	return nil
}

// interfaces is what os.networkInterfaces returns.
func (h *host) interfaces() (goja.Value, error) {
	list, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	out := h.rt.NewObject()
	for _, i := range list {
		addresses, err := i.Addrs()
		if err != nil || len(addresses) == 0 || i.Flags&net.FlagUp == 0 {
			continue
		}
		mac := i.HardwareAddr.String()
		if mac == "" {
			mac = "00:00:00:00:00:00"
		}
		var found []any
		for _, a := range addresses {
			n, ok := a.(*net.IPNet)
			if !ok {
				continue
			}
			o := h.rt.NewObject()
			_ = o.Set("address", n.IP.String())
			mask := net.IP(n.Mask).String()
			family := "IPv4"
			if n.IP.To4() == nil {
				family = "IPv6"
			}
			_ = o.Set("netmask", mask)
			_ = o.Set("family", family)
			_ = o.Set("mac", mac)
			_ = o.Set("internal", i.Flags&net.FlagLoopback != 0)
			ones, _ := n.Mask.Size()
			_ = o.Set("cidr", n.IP.String()+"/"+strconv.Itoa(ones))
			if family == "IPv6" {
				scope := 0
				if n.IP.IsLinkLocalUnicast() {
					scope = i.Index
				}
				_ = o.Set("scopeid", scope)
			}
			found = append(found, o)
		}
		if len(found) > 0 {
			_ = out.Set(i.Name, h.rt.NewArray(found...))
		}
	}
	return out, nil
}
