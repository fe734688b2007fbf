package display

import (
	"fmt"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

// addresses tells where the published ports of a service are reached.
func addresses(ports []spec.Port) string {
	all := make([]string, len(ports))
	for i, p := range ports {
		all[i] = Address(p)
	}
	return strings.Join(all, "  ")
}

// Address tells where a published port is reached: http://localhost:8080 where a
// browser can probably show what is there, else localhost:5433.
func Address(p spec.Port) string {
	host := "localhost"
	switch p.HostIP {
	case "", "0.0.0.0", "::", "127.0.0.1", "::1":
	default:
		host = p.HostIP
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
	}
	address := fmt.Sprintf("%s:%d", host, p.Host)
	if p.Protocol != "tcp" && p.Protocol != "" {
		return address + "/" + p.Protocol
	}
	return scheme(p.Container) + address
}

// scheme guesses from the port in the container whether a browser can show what
// is there. It is a guess: the file does not say.
func scheme(port int) string {
	switch port {
	case 443, 8443, 9443:
		return "https://"
	case 80, 1080, 1313, 4000, 4200, 4321, 5000, 5173, 5601, 6006, 8025, 8983, 9000, 9090, 9200, 15672:
		return "http://"
	}
	if port >= 3000 && port < 3100 || port >= 8000 && port < 9000 {
		return "http://"
	}
	return ""
}
