package node

import (
	"github.com/scaler-native/scaler-native/go/internal/control/web"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// listen opens what --http-address asks for, before anything is started that an address in use would be a pity for. It
// returns nil if nothing is asked for.
func (p plan) listen(log *logging.Logger) (*web.Server, error) {
	if !p.Given("http_address") {
		return nil, nil
	}
	token, err := p.ReadHTTPToken()
	if err != nil {
		return nil, err
	}
	server, err := web.Listen(web.Options{
		Address:     p.HTTPAddress.String(),
		Host:        p.HTTPAddress.Host,
		Loopback:    p.HTTPAddress.Loopback(),
		Token:       token,
		Certificate: p.HTTPTLSCert,
		Key:         p.HTTPTLSKey,
		Log:         log,
	})
	if err == nil {
		log.Infof("metrics and a page are at %s", server.URL())
	}
	return server, err
}
