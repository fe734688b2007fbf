package docker

import (
	"sync"

	cliconfig "github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	clicredentials "github.com/docker/cli/cli/config/credentials"
	"github.com/docker/docker/api/types/registry"
)

// credentials reads the Docker CLI's configuration when a registry is first
// asked for something.
type credentials struct {
	dir  string
	once sync.Once
	file *configfile.ConfigFile
	err  error
}

func (c *credentials) load() (*configfile.ConfigFile, error) {
	c.once.Do(func() {
		c.file, c.err = cliconfig.Load(c.dir)
		if c.err == nil && !c.file.ContainsAuth() {
			c.file.CredentialsStore = clicredentials.DetectDefaultStore(c.file.CredentialsStore)
		}
	})
	return c.file, c.err
}

// of returns what there is for a registry; nothing is no error.
func (c *credentials) of(host string) (registry.AuthConfig, error) {
	file, err := c.load()
	if err != nil {
		return registry.AuthConfig{}, err
	}
	found, err := file.GetAuthConfig(credentialsKey(host))
	if err != nil {
		return registry.AuthConfig{}, err
	}
	return registry.AuthConfig{
		Username:      found.Username,
		Password:      found.Password,
		Auth:          found.Auth,
		ServerAddress: found.ServerAddress,
		IdentityToken: found.IdentityToken,
		RegistryToken: found.RegistryToken,
	}, nil
}

// header returns the credentials as the engine wants them in a request.
func (c *credentials) header(host string) (string, error) {
	config, err := c.of(host)
	if err != nil || config == (registry.AuthConfig{}) {
		return "", err
	}
	return registry.EncodeAuthConfig(config)
}

// all returns the credentials of every registry, which the classic builder
// picks from by itself.
func (c *credentials) all() map[string]registry.AuthConfig {
	file, err := c.load()
	if err != nil {
		return nil
	}
	found, err := file.GetAllCredentials()
	if err != nil {
		return nil
	}
	configs := make(map[string]registry.AuthConfig, len(found))
	for host, config := range found {
		configs[host] = registry.AuthConfig(config)
	}
	return configs
}

// credentialsKey is the key under which the CLI keeps a registry's
// credentials: Docker Hub's is an old address.
func credentialsKey(host string) string {
	if host == "docker.io" || host == "index.docker.io" {
		return "https://index.docker.io/v1/"
	}
	return host
}
